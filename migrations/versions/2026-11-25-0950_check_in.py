"""check-in on the spot

Revision ID: check_in
Revises: doubtful_mail
"""

import sqlalchemy as sa
import sqlmodel
from alembic import op

import models.base


revision = 'check_in'
down_revision = 'doubtful_mail'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('check_in',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('activity_id', sa.Integer(), nullable=False),
    sa.Column('offer_id', sa.Integer(), nullable=True),
    sa.Column('participation_id', sa.Integer(), nullable=True),
    sa.Column('way', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('at', models.base.UtcDateTime(timezone=True), nullable=False),
    sa.Column('left_at', models.base.UtcDateTime(timezone=True), nullable=True),
    sa.CheckConstraint('(offer_id IS NULL) <> (participation_id IS NULL)', name=op.f('ck_check_in_one_place')),
    sa.ForeignKeyConstraint(['activity_id'], ['activity.id'], name=op.f('fk_check_in_activity_id')),
    sa.ForeignKeyConstraint(['offer_id'], ['offer.id'], name=op.f('fk_check_in_offer_id')),
    sa.ForeignKeyConstraint(['participation_id'], ['participation.id'], name=op.f('fk_check_in_participation_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_check_in')),
    sa.UniqueConstraint('offer_id', name=op.f('uq_check_in_offer_id')),
    sa.UniqueConstraint('participation_id', name=op.f('uq_check_in_participation_id')),
    )
    with op.batch_alter_table('check_in', schema=None) as batch_op:
        batch_op.create_index('ix_check_in_activity_id', ['activity_id'], unique=False)

    op.add_column('attendance', sa.Column('source', sqlmodel.sql.sqltypes.AutoString(), nullable=False, server_default='staff'))
    op.create_index('ix_audit_entry_thing_thing_id', 'audit_entry', ['thing', 'thing_id'], unique=False)


def downgrade() -> None:
    op.drop_index('ix_audit_entry_thing_thing_id', 'audit_entry')
    op.drop_column('attendance', 'source')
    with op.batch_alter_table('check_in', schema=None) as batch_op:
        batch_op.drop_index('ix_check_in_activity_id')

    op.drop_table('check_in')
