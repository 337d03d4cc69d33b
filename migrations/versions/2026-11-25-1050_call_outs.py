"""call-outs

Revision ID: call_outs
Revises: match_rules
"""

import sqlalchemy as sa
from alembic import op

import models.base


revision = 'call_outs'
down_revision = 'match_rules'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        'call_out',
        sa.Column('id', sa.Integer(), nullable=False),
        sa.Column('need_id', sa.Integer(), nullable=False),
        sa.Column('wanted', sa.Integer(), nullable=False),
        sa.Column('reason', sa.String(), nullable=False),
        sa.Column('began_at', models.base.UtcDateTime(timezone=True), nullable=False),
        sa.Column('by_id', sa.Integer(), nullable=True),
        sa.Column('answer_by', models.base.UtcDateTime(timezone=True), nullable=False),
        sa.Column('ended_at', models.base.UtcDateTime(timezone=True), nullable=True),
        sa.Column('has_enough', sa.Boolean(), nullable=False),
        sa.CheckConstraint('wanted > 0', name=op.f('ck_call_out_wanted')),
        sa.ForeignKeyConstraint(['need_id'], ['need.id'], name=op.f('fk_call_out_need_id')),
        sa.ForeignKeyConstraint(['by_id'], ['person.id'], name=op.f('fk_call_out_by_id')),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_call_out')),
    )
    op.create_index(op.f('ix_call_out_need_id'), 'call_out', ['need_id'])
    op.create_table(
        'call_out_ask',
        sa.Column('offer_id', sa.Integer(), nullable=False),
        sa.Column('call_out_id', sa.Integer(), nullable=False),
        sa.Column('km', sa.Float(), nullable=True),
        sa.ForeignKeyConstraint(['offer_id'], ['offer.id'], name=op.f('fk_call_out_ask_offer_id')),
        sa.ForeignKeyConstraint(['call_out_id'], ['call_out.id'], name=op.f('fk_call_out_ask_call_out_id')),
        sa.PrimaryKeyConstraint('offer_id', name=op.f('pk_call_out_ask')),
    )
    op.create_index(op.f('ix_call_out_ask_call_out_id'), 'call_out_ask', ['call_out_id'])


def downgrade() -> None:
    op.drop_table('call_out_ask')
    op.drop_table('call_out')
