"""swaps

Revision ID: swaps
Revises: letter_wordings
"""

import sqlalchemy as sa
from alembic import op

import models.base


revision = 'swaps'
down_revision = 'letter_wordings'
branch_labels = None
depends_on = None


def upgrade() -> None:
    is_open = sa.text("state IN ('asked', 'agreed')")
    op.create_table(
        'swap',
        sa.Column('id', sa.Integer(), nullable=False),
        sa.Column('offer_id', sa.Integer(), nullable=False),
        sa.Column('other_id', sa.Integer(), nullable=False),
        sa.Column('revision', sa.Integer(), nullable=False),
        sa.Column('other_revision', sa.Integer(), nullable=False),
        sa.Column('state', sa.String(), nullable=False),
        sa.Column('asked_at', models.base.UtcDateTime(timezone=True), nullable=False),
        sa.Column('expires_at', models.base.UtcDateTime(timezone=True), nullable=False),
        sa.Column('answered_at', models.base.UtcDateTime(timezone=True), nullable=True),
        sa.Column('yes_by_id', sa.Integer(), nullable=True),
        sa.Column('other_yes_by_id', sa.Integer(), nullable=True),
        sa.Column('decided_at', models.base.UtcDateTime(timezone=True), nullable=True),
        sa.Column('reason', sa.String(), nullable=False),
        sa.ForeignKeyConstraint(['offer_id'], ['offer.id'], name=op.f('fk_swap_offer_id')),
        sa.ForeignKeyConstraint(['other_id'], ['offer.id'], name=op.f('fk_swap_other_id')),
        sa.ForeignKeyConstraint(['yes_by_id'], ['person.id'], name=op.f('fk_swap_yes_by_id')),
        sa.ForeignKeyConstraint(['other_yes_by_id'], ['person.id'], name=op.f('fk_swap_other_yes_by_id')),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_swap')),
        sa.UniqueConstraint('offer_id', 'other_id', name=op.f('uq_swap_offer_id_other_id')),
    )
    op.create_index(op.f('ix_swap_offer_id'), 'swap', ['offer_id'])
    op.create_index(op.f('ix_swap_other_id'), 'swap', ['other_id'])
    op.create_index('ix_swap_state_expires_at', 'swap', ['state', 'expires_at'])
    for name, column in (('ix_swap_open_offer', 'offer_id'), ('ix_swap_open_other', 'other_id')):
        op.create_index(name, 'swap', [column], unique=True, sqlite_where=is_open, postgresql_where=is_open)


def downgrade() -> None:
    op.drop_table('swap')
